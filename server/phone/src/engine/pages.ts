// Cuts an open form into pages: a group of questions is a page, a repeat is a list page and then its rows' pages.
// Everything here is read again whenever the engine's state changes; nothing is cached but identity.
import type { AnyNode, GeneralChildNode, GroupNode, RepeatInstanceNode, RepeatRangeNode } from '@getodk/xforms-engine';
import { Question, lastStep } from './question';
import type { Row } from './types';

export interface QuestionPage {
  readonly kind: 'questions';
  readonly key: string;
  readonly title: string;
  readonly section: Section;
  readonly rows: readonly Row[];
  readonly blocks: readonly Block[];
}

/** Questions under a heading of their own inside one page. */
export interface Block {
  readonly id: string;
  readonly title: string;
  readonly questions: readonly Question[];
}

export interface RepeatPage {
  readonly kind: 'repeat';
  readonly key: string;
  readonly title: string;
  readonly section: Section;
  readonly rows: readonly Row[];
  readonly repeat: Repeat;
}

export type Page = QuestionPage | RepeatPage;

export interface Section {
  readonly id: string;
  readonly title: string;
}

export interface Repeat {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly members: readonly Member[];
}

export interface Member {
  readonly id: string;
  readonly reference: string;
  readonly title: string;
  /** The bare name inside the title. */
  readonly name: string;
  readonly position: number;
  /** Known from the last round: the row says what became of the child and is not taken away. */
  readonly known: boolean;
}

export class PageMaker {
  private readonly questions = new WeakMap<object, Question>();

  constructor(
    private readonly changed: () => void,
    private readonly unfillable: ReadonlySet<string>,
    private readonly isKnown: (row: AnyNode) => boolean = () => false,
  ) {}

  question(node: AnyNode): Question | null {
    if (!isControl(node)) return null;
    let known = this.questions.get(node);
    if (!known) {
      known = new Question(node as never, this.changed, this.unfillable);
      this.questions.set(node, known);
    }
    return known;
  }

  /** Every part of the form, asked or not: "part 3 of 7" must not change its 7 with each answer. */
  sections(children: readonly GeneralChildNode[]): string[] {
    const ids: string[] = [];
    for (const child of children) {
      const id = isControl(child) ? TOP.id : child.nodeId;
      if (child.nodeType !== 'model-value' && !ids.includes(id) && asksAnything(child)) ids.push(id);
    }
    return ids;
  }

  pages(children: readonly GeneralChildNode[]): Page[] {
    return this.walk(children, { section: TOP, rows: [], depth: 0, title: '', key: '/' });
  }

  private walk(children: readonly GeneralChildNode[], at: Place): Page[] {
    const pages: Page[] = [];
    let loose: Question[] = [];
    let runs = 0;
    const flush = (): void => {
      if (loose.length > 0) runs += 1;
      if (loose.some((question) => question.relevant)) pages.push(this.loosePage(loose, at, runs));
      loose = [];
    };
    for (const child of children) {
      if (isControl(child)) {
        loose.push(this.question(child) as Question);
      } else if (child.nodeType !== 'model-value') {
        flush();
        if (!child.currentState.relevant) continue;
        pages.push(...(child.nodeType === 'group' ? this.group(child, at) : this.repeat(child as RepeatRangeNode, at)));
      }
    }
    flush();
    return pages;
  }

  private loosePage(questions: readonly Question[], at: Place, nth: number): QuestionPage {
    const shown = questions.filter((question) => question.relevant);
    return {
      kind: 'questions',
      key: `${at.key}#${nth}`,
      title: at.title,
      section: at.section,
      rows: at.rows,
      blocks: [{ id: shown[0]?.id ?? 'none', title: '', questions: shown }],
    };
  }

  private group(node: GroupNode, at: Place): Page[] {
    const title = node.currentState.label?.asString.trim() || at.title;
    const section = at.depth === 0 ? { id: node.nodeId, title } : at.section;
    const key = node.currentState.reference;
    if (!isOnePage(node)) return this.walk(node.currentState.children, { ...at, section, title, key, depth: at.depth + 1 });
    const blocks = this.blocks(node, '');
    if (blocks.length === 0) return [];
    return [{ kind: 'questions', key, title, section, rows: at.rows, blocks }];
  }

  private blocks(node: GroupNode, title: string): Block[] {
    const own: Question[] = [];
    const inner: Block[] = [];
    for (const child of node.currentState.children) {
      if (!child.currentState.relevant) continue;
      if (isControl(child)) own.push(this.question(child) as Question);
      else if (child.nodeType === 'group') inner.push(...this.blocks(child, child.currentState.label?.asString.trim() ?? ''));
    }
    const first = own.length > 0 ? [{ id: node.nodeId.replace(/\W/g, '-'), title, questions: own }] : [];
    return [...first, ...inner];
  }

  private repeat(range: RepeatRangeNode, at: Place): Page[] {
    const label = range.currentState.label?.asString.trim() || at.title || lastStep(range.currentState.reference);
    const section = at.depth === 0 ? { id: range.nodeId, title: label } : at.section;
    const members = range.currentState.children;
    const hub: RepeatPage = {
      kind: 'repeat',
      key: range.currentState.reference,
      title: label,
      section,
      rows: at.rows,
      repeat: {
        id: range.nodeId,
        name: lastStep(range.currentState.reference),
        label,
        members: members.map((member, index) => ({
          id: member.nodeId,
          reference: member.currentState.reference,
          title: memberTitle(member),
          name: entityLabel(member) || firstText(member),
          position: index + 1,
          known: this.isKnown(member),
        })),
      },
    };
    const inner = members.flatMap((member, index) => {
      const row: Row = { id: member.nodeId, repeatId: range.nodeId, repeatLabel: label, position: index + 1, of: members.length };
      return this.walk(member.currentState.children, {
        section, title: label, key: member.currentState.reference, rows: [...at.rows, row], depth: at.depth + 1,
      });
    });
    // Where the form itself counts the rows there is nothing to add or choose: their pages simply follow.
    return range.nodeType === 'repeat-range:uncontrolled' ? [hub, ...inner] : inner;
  }
}

interface Place {
  readonly section: Section;
  readonly rows: readonly Row[];
  readonly depth: number;
  readonly title: string;
  readonly key: string;
}

const TOP: Section = { id: 'top', title: '' };

function asksAnything(node: AnyNode): boolean {
  if (isControl(node) || node.nodeType.startsWith('repeat-range')) return true;
  return (node.currentState.children ?? []).some(asksAnything);
}

const CONTROLS = new Set(['input', 'note', 'select', 'range', 'rank', 'trigger', 'upload']);

function isControl(node: { nodeType: string }): boolean {
  return CONTROLS.has(node.nodeType);
}

/** A field list is a page; so is any group that holds nothing but questions. A repeat always needs pages of its own. */
function isOnePage(group: GroupNode): boolean {
  if (holdsRepeat(group)) return false;
  if (group.appearances?.['field-list']) return true;
  return group.currentState.children.every((child) => isControl(child) || child.nodeType === 'model-value');
}

function holdsRepeat(group: GroupNode): boolean {
  return group.currentState.children.some(
    (child) => child.nodeType.startsWith('repeat-range') || (child.nodeType === 'group' && holdsRepeat(child)),
  );
}

/** Who is in this row: the entity's label where the form declares one, else a label with the name in it, else the first text. */
export function memberTitle(member: RepeatInstanceNode): string {
  return groupTitle(member) || entityLabel(member) || firstText(member);
}

interface AnyParent {
  readonly currentState: { readonly children: readonly AnyNode[] | null };
}

function groupTitle(parent: AnyParent): string {
  for (const child of parent.currentState.children ?? []) {
    if (child.nodeType !== 'group' || !child.currentState.relevant) continue;
    const label = child.currentState.label;
    const chunks = label ? [...(label as unknown as Iterable<{ source: string; asString: string }>)] : [];
    const filled = chunks.filter((chunk) => chunk.source === 'output' && chunk.asString.trim() !== '');
    if (filled.length > 0 && label) return label.asString.trim();
  }
  return '';
}

export function entityLabel(parent: AnyParent): string {
  for (const child of parent.currentState.children ?? []) {
    if (child.nodeType === 'model-value' && child.currentState.reference.endsWith('/meta/entity/label')) {
      return child.currentState.instanceValue.trim();
    }
    if (child.nodeType !== 'group') continue;
    const found = entityLabel(child);
    if (found) return found;
  }
  return '';
}

function firstText(parent: AnyParent): string {
  for (const child of parent.currentState.children ?? []) {
    if (child.nodeType === 'input' && child.valueType === 'string') return child.currentState.instanceValue.trim();
    const found = child.nodeType === 'group' ? firstText(child) : '';
    if (found) return found;
  }
  return '';
}
