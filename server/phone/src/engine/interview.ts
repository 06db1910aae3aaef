// One open interview: the form, its answers, its pages, and what must be written to disk to have it back.
// With the other files of this folder it is the only place that knows @getodk/xforms-engine.
import './random-uuid';
import { loadForm } from '@getodk/xforms-engine';
import type { AnyNode, RootNode } from '@getodk/xforms-engine';
import { shallowReactive, shallowRef } from 'vue';
import { completed } from './elsewhere';
import { KnownRows } from './known';
import { knownPaths } from './known-paths';
import { entityLabel, PageMaker } from './pages';
import type { Page, RepeatPage } from './pages';
import type { Question } from './question';
import type { Language, SavedInterview } from './types';

export interface FormFiles {
  readonly xml: string;
  /** The text of an attached list; lists are all that the engine reads of a form's media. */
  readonly media: (name: string) => Promise<string | null>;
  /** The children of a household of the last round that still live there. */
  readonly childrenOf?: (householdId: string) => readonly string[];
}

export interface Interviewer {
  readonly deviceId: string;
  readonly name: string;
}

interface MediaAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly text: () => Promise<string>;
  readonly blob: () => Promise<Blob>;
}

export interface Snapshot {
  readonly xml: string;
  /** Every file the answers mention and the engine still holds. */
  readonly files: readonly File[];
}

export class Interview {
  readonly changes = shallowRef(0);
  private readonly maker: PageMaker;
  private readonly removedFiles = new Set<string>();

  constructor(
    private readonly root: RootNode,
    unfillable: ReadonlySet<string>,
    private readonly known: KnownRows,
  ) {
    this.maker = new PageMaker(() => this.touch(), unfillable, (row) => known.isKnown(row));
    known.fill();
  }

  /** The household of the last round that this interview is about; empty for a new one. */
  get householdId(): string {
    return this.known.householdId;
  }

  chooseHousehold(id: string): void {
    this.known.chooseHousehold(id);
    this.touch();
  }

  get instanceId(): string {
    return textAt(this.root, 'instanceID');
  }

  /** What the form itself calls this record: its instance name, else the label of its household. */
  get title(): string {
    const title = textAt(this.root, 'instanceName') || entityLabel(this.root);
    return /\d{3}/.test(title) ? withLabels(title, this.root) : title;
  }

  get pages(): readonly Page[] {
    return this.maker.pages(this.root.currentState.children);
  }

  get sections(): readonly string[] {
    return this.maker.sections(this.root.currentState.children);
  }

  get languages(): readonly Language[] {
    return this.root.languages.map(({ language }) => ({ code: languageCode(language), name: language }));
  }

  setLanguage(code: string): void {
    const wanted = this.root.languages.find(({ language }) => languageCode(language) === code);
    if (wanted && !wanted.isSyntheticDefault) this.root.setLanguage(wanted);
  }

  addRow(page: RepeatPage): string | null {
    const range = this.find(page.repeat.id);
    if (range?.nodeType !== 'repeat-range:uncontrolled') return null;
    range.addInstances();
    this.touch();
    return range.currentState.children.at(-1)?.nodeId ?? null;
  }

  removeRow(page: RepeatPage, position: number): void {
    const range = this.find(page.repeat.id);
    if (range?.nodeType !== 'repeat-range:uncontrolled') return;
    range.removeInstances(position - 1);
    this.touch();
  }

  removeFile(question: Question): void {
    if (question.value) this.removedFiles.add(question.value);
    question.setFile(null);
  }

  /** For autosave and for a page that is being closed: no promise, so that nothing stands between it and the disk. */
  snapshot(): Snapshot {
    const xml = this.withoutRemoved(this.root.instanceState.instanceXML);
    return { xml, files: this.files() };
  }

  /** For sending: as a snapshot, with what the form fills in at the end (its end time). */
  async finish(): Promise<Snapshot> {
    await this.root.prepareInstancePayload({ payloadType: 'monolithic' });
    return this.snapshot();
  }

  private files(): File[] {
    return controls(this.root).flatMap((node) =>
      node.nodeType === 'upload' && node.currentState.value ? [node.currentState.value] : [],
    );
  }

  /**
   * Engine 0.22 keeps a restored file's name in the answers after the file is taken away,
   * so the name is struck out here; file names are unique, no other answer can be hit.
   */
  private withoutRemoved(xml: string): string {
    let clean = xml;
    for (const name of this.removedFiles) clean = clean.replaceAll(`>${name}</`, '></');
    return clean;
  }

  private find(id: string): AnyNode | null {
    const search = (node: AnyNode): AnyNode | null => {
      if (node.nodeId === id) return node;
      for (const child of node.currentState.children ?? []) {
        const found = search(child);
        if (found) return found;
      }
      return null;
    };
    return search(this.root);
  }

  private touch(): void {
    this.known.fill();
    this.changes.value += 1;
  }
}

export async function openInterview(
  form: FormFiles,
  who: Interviewer,
  saved?: SavedInterview,
): Promise<Interview> {
  const loaded = await loadForm(completed(form.xml), {
    fetchFormAttachment: async (url) => mediaAnswer(await form.media(mediaName(url))),
    // A list that is not there leaves its question empty, which the person can see; a refused form helps nobody.
    missingResourceBehavior: 'BLANK',
  });
  if (loaded.status === 'failure') throw loaded.error;
  const config = {
    stateFactory: shallowReactive,
    preloadProperties: { deviceID: who.deviceId, username: who.name },
    instanceAttachments: { fileNameFactory },
  };
  const instance = saved ? await loaded.restoreInstance(savedInput(saved), config) : loaded.createInstance(config);
  const known = new KnownRows(instance.root, knownPaths(form.xml), form.childrenOf ?? (() => []));
  return new Interview(instance.root, listsOfOld(form.xml), known);
}

/**
 * Questions whose list stands in itemsets.csv (select_one_external). The engine takes them for plain text; a name
 * typed where a code belongs would be a wrong answer, so the app says that it cannot ask them.
 */
function listsOfOld(xml: string): Set<string> {
  const inputs = xml.match(/<input\s[^>]*\bquery=[^>]*>/g) ?? [];
  return new Set(inputs.flatMap((input) => /\bref="([^"]+)"/.exec(input)?.[1] ?? []));
}

function fileNameFactory(meta: { basename: string; extension: string | null; writtenAt: Date }): string {
  const tail = Math.random().toString(36).slice(2, 8);
  return `${meta.basename}-${meta.writtenAt.getTime().toString(36)}${tail}${meta.extension ?? ''}`;
}

function mediaName(url: URL): string {
  return decodeURIComponent(url.href.slice(url.href.lastIndexOf('/') + 1));
}

function mediaAnswer(text: string | null): MediaAnswer {
  const ok = text !== null;
  return {
    ok,
    status: ok ? 200 : 404,
    headers: new Headers({ 'content-type': 'text/plain' }),
    text: async () => text ?? '',
    blob: async () => new Blob([text ?? '']),
  };
}

function savedInput(saved: SavedInterview): { data: [never] } {
  const data = new FormData();
  data.set('xml_submission_file', new File([saved.xml], 'xml_submission_file', { type: 'text/xml' }));
  for (const file of saved.files) data.set(file.name, file);
  return { data: [data as never] };
}

function languageCode(language: string): string {
  return /\(([\w-]+)\)\s*$/.exec(language)?.[1]?.toLowerCase() ?? language.toLowerCase();
}

/** A form may name its record by codes ("05977001 / 7"); people know the village by its name. */
function withLabels(title: string, root: RootNode): string {
  const labels = new Map<string, string>();
  for (const node of controls(root)) {
    if (node.nodeType !== 'select' || node.selectType === 'select') continue;
    const [value] = node.currentState.value;
    if (value && value.length >= 3) labels.set(value, node.getValueOption(value)?.label.asString ?? value);
  }
  return title.replace(/[^\s/,;]+/g, (word) => labels.get(word) ?? word);
}

function controls(parent: AnyNode): AnyNode[] {
  return (parent.currentState.children ?? []).flatMap((child: AnyNode) => [child, ...controls(child)]);
}

/** "/data/meta" and "/data/orx:meta" are one thing. */
function named(reference: string, name: string): boolean {
  return reference.endsWith(`/${name}`) || reference.endsWith(`:${name}`);
}

function textAt(root: RootNode, name: string): string {
  const meta = root.currentState.children.find(
    (child) => child.nodeType === 'group' && named(child.currentState.reference, 'meta'),
  );
  const found = meta?.currentState.children?.find((child: AnyNode) => named(child.currentState.reference, name));
  return found && 'instanceValue' in found.currentState ? String(found.currentState.instanceValue) : '';
}
