// Forms made elsewhere leave out what the engine, or keeping an interview apart from another one, cannot do without.
// Nothing of the questions changes; a form that has all of it, as every XLSForm has, is left as it is.

const XFORMS = 'http://www.w3.org/2002/xforms';
const JAVAROSA = 'http://openrosa.org/javarosa';
const OPENROSA = 'http://openrosa.org/xforms';
const NAMES_ITSELF = /<bind\b(?=[^>]*instanceID")(?=[^>]*(?:preload|calculate)=)/;
const HAS_ID = /<(?:\w+:)?instance>\s*<[^>]*\sid=/;
const BOUND_BY_ID = /<(?:\w+:)?(?:input|select1?|upload|range|rank|trigger|group)\b[^>]*\sbind=/;

export function completed(xml: string): string {
  if (NAMES_ITSELF.test(xml) && HAS_ID.test(xml) && !BOUND_BY_ID.test(xml) && !xml.startsWith('\uFEFF')) return xml;
  const form = new DOMParser().parseFromString(xml.replace(/^\uFEFF/, ''), 'text/xml');
  const instance = first(form, 'instance');
  const root = instance?.firstElementChild;
  const model = instance?.parentElement;
  if (!root || !model) return xml;
  if (!root.hasAttribute('id')) root.setAttribute('id', root.namespaceURI ?? '');
  nameInstances(form, model, root);
  pointControls(form);
  return new XMLSerializer().serializeToString(form);
}

/** Every interview has an id of its own: without one, two of them could not be told apart. */
function nameInstances(form: Document, model: Element, root: Element): void {
  let meta = child(root, 'meta');
  if (!meta) meta = root.appendChild(form.createElementNS(OPENROSA, 'orx:meta'));
  const id = child(meta, 'instanceID') ?? meta.appendChild(form.createElementNS(meta.namespaceURI, prefixed(meta, 'instanceID')));
  const path = `/${root.nodeName}/${meta.nodeName}/${id.nodeName}`;
  const known = [...model.children].find((bind) => bind.localName === 'bind' && (bind.getAttribute('nodeset') ?? '').endsWith('instanceID'));
  if (known?.hasAttribute('calculate') || known?.hasAttributeNS(JAVAROSA, 'preload')) return;
  const bind = known ?? model.appendChild(form.createElementNS(XFORMS, prefixed(model, 'bind')));
  if (!known) bind.setAttribute('nodeset', path);
  bind.setAttributeNS(JAVAROSA, 'jr:preload', 'uid');
}

/** A control may name its bind instead of its place. */
function pointControls(form: Document): void {
  const binds = new Map([...form.getElementsByTagNameNS('*', 'bind')].map((bind) => [bind.getAttribute('id'), bind.getAttribute('nodeset')]));
  for (const control of [...(first(form, 'body')?.getElementsByTagName('*') ?? [])]) {
    const place = control.hasAttribute('ref') ? null : binds.get(control.getAttribute('bind'));
    if (place) control.setAttribute('ref', place);
  }
}

function prefixed(beside: Element, name: string): string {
  return beside.prefix ? `${beside.prefix}:${name}` : name;
}

function first(form: Document, name: string): Element | undefined {
  return form.getElementsByTagNameNS('*', name)[0];
}

function child(parent: Element, name: string): Element | undefined {
  return [...parent.children].find(({ localName }) => localName === name);
}
