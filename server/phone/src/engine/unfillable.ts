// What this app cannot ask of a form, read from the form itself before anyone begins with it.
// The rules are those by which an open interview draws a question; a test holds both to one answer for every form.
import { inputKind, uploadKind } from './question';

export interface Unfillable {
  /** A recording is one that the form makes by itself while someone fills it in. */
  readonly kind: 'question' | 'recording';
  readonly name: string;
  /** The question in a language of the form ("vi"), else in its first one; its name where it has no words. */
  readonly label: (language: string) => string;
}

/** The wire's names for what no control of ours covers; a form without any of them need not be read. */
const HINTS = /geotrace|geoshape|osm\/|draw|signature|annotate|\bquery=|recordaudio|type="(?:\w+:)?(?:boolean|binary|intent)"/;
const KNOWN = new Set(['int', 'boolean', 'decimal', 'date', 'time', 'dateTime', 'geopoint', 'geotrace', 'geoshape', 'binary', 'barcode', 'intent']);

export function unfillable(xml: string): readonly Unfillable[] {
  if (!HINTS.test(xml)) return [];
  const form = new DOMParser().parseFromString(xml, 'text/xml');
  const binds = named(form, 'bind');
  const types = new Map(binds.map((bind) => [bind.getAttribute('nodeset') ?? '', bind]));
  const controls = [...named(form, 'input'), ...named(form, 'upload')].filter((control) => cannot(control, types));
  const recordings = named(form, 'recordaudio');
  return [...controls, ...recordings].map((control) => ({
    kind: recordings.includes(control) ? 'recording' : 'question',
    name: nameOf(control),
    label: (language: string) => labelOf(form, control, language) || nameOf(control),
  }));
}

function cannot(control: Element, binds: ReadonlyMap<string, Element>): boolean {
  if (control.hasAttribute('query')) return true;
  const bind = binds.get(control.getAttribute('ref') ?? '');
  const appearances = new Set((control.getAttribute('appearance') ?? '').split(/\s+/));
  if (control.localName === 'upload') {
    const type = (control.getAttribute('mediatype') ?? '').split('/')[0] ?? '';
    return uploadKind(type, appearances) === 'other';
  }
  if (/^\s*true\(\)\s*$/.test(bind?.getAttribute('readonly') ?? '')) return false;
  return inputKind(typeOf(bind), appearances) === 'other';
}

/** As the engine reads it: a prefix is left out, a type that no standard names is text. */
function typeOf(bind: Element | undefined): string {
  const type = (bind?.getAttribute('type') ?? '').replace(/^\w+:/, '');
  if (type === 'integer') return 'int';
  return KNOWN.has(type) ? type : 'string';
}

function labelOf(form: Document, control: Element, language: string): string {
  const label = [...control.children].find(({ localName }) => localName === 'label');
  const id = /itext\(\s*['"](.+?)['"]\s*\)/.exec(label?.getAttribute('ref') ?? '')?.[1];
  return plain(id === undefined ? label : (translated(form, id, language) ?? label));
}

function translated(form: Document, id: string, language: string): Element | undefined {
  const all = named(form, 'translation');
  const spoken = all.find((entry) => codeOf(entry) === language) ?? all.find((entry) => entry.hasAttribute('default')) ?? all[0];
  const text = [...(spoken?.children ?? [])].find((entry) => entry.getAttribute('id') === id);
  return [...(text?.children ?? [])].find((value) => !value.hasAttribute('form'));
}

function codeOf(translation: Element): string {
  const lang = translation.getAttribute('lang') ?? '';
  return /\(([\w-]+)\)\s*$/.exec(lang)?.[1]?.toLowerCase() ?? lang.toLowerCase();
}

/** Words alone: answers of other questions that would stand in the label are not known yet. */
function plain(node: Element | undefined): string {
  const text = [...(node?.childNodes ?? [])].filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.nodeValue ?? '');
  return text.join('…').replace(/[*_#]+|<[^>]*>/g, '').replace(/\s+/g, ' ').trim();
}

function nameOf(control: Element): string {
  const path = control.getAttribute('ref') ?? control.getAttribute('nodeset') ?? control.getAttribute('bind') ?? '';
  return path.slice(path.lastIndexOf('/') + 1);
}

function named(form: Document, name: string): Element[] {
  return [...form.getElementsByTagNameNS('*', name)];
}
