// One question of an open form: reads come from the engine's reactive state, writes go back to it.
import type { AnyControlNode } from '@getodk/xforms-engine';
import { shallowReactive } from 'vue';
import { richNodes } from './rich';
import type { InputProblem, Option, QuestionKind, RangeBounds, RichNode, Violation } from './types';

export class Question {
  readonly id: string;
  readonly name: string;
  readonly kind: QuestionKind;
  readonly appearances: ReadonlySet<string>;
  /** What the engine cannot know: a text that is no number, and whether the person has been here. */
  readonly local = shallowReactive<{ problem: InputProblem | null; touched: boolean }>({
    problem: null,
    touched: false,
  });

  constructor(
    private readonly node: AnyControlNode,
    private readonly changed: () => void,
    unfillable: ReadonlySet<string> = new Set(),
  ) {
    this.id = node.nodeId.replace(/\W/g, '-');
    this.name = lastStep(node.currentState.reference);
    this.appearances = new Set((node.appearances ?? []) as unknown as Iterable<string>);
    this.kind = unfillable.has(withoutRows(this.reference)) ? 'other' : kindOf(node, this.appearances);
  }

  get reference(): string {
    return this.node.currentState.reference;
  }

  get relevant(): boolean {
    return this.node.currentState.relevant;
  }

  get required(): boolean {
    return this.node.currentState.required;
  }

  get readonly(): boolean {
    return this.node.currentState.readonly;
  }

  get label(): RichNode[] {
    return richNodes(this.node.currentState.label?.formatted ?? []);
  }

  get labelText(): string {
    return this.node.currentState.label?.asString.trim() || this.name;
  }

  get hint(): RichNode[] {
    return richNodes(this.node.currentState.hint?.formatted ?? []);
  }

  get value(): string {
    return this.node.currentState.instanceValue;
  }

  get values(): readonly string[] {
    const value: unknown = this.node.currentState.value;
    return Array.isArray(value) ? (value as string[]) : [];
  }

  get answered(): boolean {
    return this.kind !== 'note' && this.value !== '';
  }

  get options(): readonly Option[] {
    const { node } = this;
    if (node.nodeType !== 'select' && node.nodeType !== 'rank') return [];
    return node.currentState.valueOptions.map(({ value, label }) => ({ value, label: label.asString.trim() }));
  }

  get file(): File | null {
    return this.node.nodeType === 'upload' ? this.node.currentState.value : null;
  }

  get maxPixels(): number | null {
    return this.node.nodeType === 'upload' ? this.node.maxPixels : null;
  }

  get bounds(): RangeBounds {
    if (this.node.nodeType !== 'range') return { min: 0, max: 0, step: 1 };
    const { start: min, end: max, step } = this.node.definition.bodyElement.bounds;
    return { min: Number(min), max: Number(max), step: Number(step) };
  }

  get rows(): number | null {
    const options = this.node.nodeOptions as { rows?: number | null } | null;
    return options?.rows ?? null;
  }

  /** For choosing a recording or a document: what the form asks for, as browsers write it ("audio/*"). */
  get accepts(): string {
    if (this.node.nodeType !== 'upload') return '';
    const type = mediaType(this.node);
    return type === 'audio' || type === 'video' ? `${type}/*` : '';
  }

  get violation(): Violation | null {
    if (!this.relevant) return null;
    const found = this.node.validationState.violation;
    // What this app cannot ask must not keep a whole interview from being finished; the question says so itself.
    if (this.kind === 'other' && found?.condition === 'required') return null;
    return found && { condition: found.condition, message: found.message?.asString ?? null };
  }

  get valid(): boolean {
    return this.violation === null && (this.local.problem === null || !this.relevant);
  }

  setText(text: string): void {
    const value = text.normalize('NFC');
    if (this.node.nodeType === 'input') this.write(() => this.setInput(value));
    if (this.node.nodeType === 'range') this.write(() => this.setInput(value));
  }

  choose(value: string | null): void {
    const { node } = this;
    if (node.nodeType === 'select') this.write(() => node.selectValue(value));
  }

  setValues(values: readonly string[]): void {
    const { node } = this;
    if (node.nodeType === 'select') this.write(() => node.selectValues(values));
    if (node.nodeType === 'rank') this.write(() => node.setValues(values));
  }

  setFile(file: File | null): void {
    const { node } = this;
    if (node.nodeType === 'upload') this.write(() => node.setValue(file));
  }

  setTrigger(on: boolean): void {
    const { node } = this;
    if (node.nodeType === 'trigger') this.write(() => node.setValue(on));
  }

  private setInput(value: string): void {
    (this.node as unknown as { setValue(value: string): void }).setValue(value);
  }

  private write(action: () => void): void {
    if (this.readonly) return;
    this.local.touched = true;
    action();
    this.changed();
  }
}

function withoutRows(reference: string): string {
  return reference.replace(/\[\d+\]/g, '');
}

export function lastStep(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1).replace(/\[\d+\]$/, '');
}

function kindOf(node: AnyControlNode, appearances: ReadonlySet<string>): QuestionKind {
  switch (node.nodeType) {
    case 'note':
      return 'note';
    case 'trigger':
      return 'trigger';
    case 'range':
      return 'range';
    case 'rank':
      return 'rank';
    case 'select':
      return node.selectType === 'select' ? 'many' : 'one';
    case 'upload':
      return uploadKind(mediaType(node), appearances);
    default:
      return inputKind(node.valueType, appearances);
  }
}

function mediaType(node: AnyControlNode): string {
  return node.nodeType === 'upload' ? (node.nodeOptions.media.type ?? '') : '';
}

/** A drawing or a signature needs a pad, a building a map; every other upload is a file to choose. */
export function uploadKind(type: string, appearances: ReadonlySet<string>): QuestionKind {
  const drawn = ['draw', 'signature', 'annotate'].some((name) => appearances.has(name));
  if (type === 'image') return drawn ? 'other' : 'photo';
  return type === 'osm' ? 'other' : 'file';
}

export function inputKind(type: string, appearances: ReadonlySet<string>): QuestionKind {
  switch (type) {
    case 'string':
    case 'barcode':
      return 'text';
    case 'int':
      return 'integer';
    case 'decimal':
      return 'decimal';
    case 'date':
      return appearances.has('month-year') ? 'month' : appearances.has('year') ? 'year' : 'date';
    case 'time':
      return 'time';
    case 'dateTime':
      return 'datetime';
    case 'geopoint':
      return 'point';
    default:
      return 'other';
  }
}
