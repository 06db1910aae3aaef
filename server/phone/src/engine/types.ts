// What the rest of the app knows of a form: our own words, none of the engine's.

export type QuestionKind =
  | 'text' | 'integer' | 'decimal' | 'date' | 'month' | 'year' | 'time' | 'datetime'
  | 'one' | 'many' | 'rank' | 'range' | 'point' | 'note' | 'photo' | 'file' | 'trigger' | 'other';

export type InputProblem = 'not-number' | 'not-whole' | 'not-date' | 'not-photo' | 'too-large';

/** A label as a tree of safe nodes: form text is never put on the page as HTML. */
export type RichNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'element'; readonly tag: RichTag; readonly href?: string; readonly children: readonly RichNode[] };

export type RichTag = 'a' | 'em' | 'li' | 'ol' | 'p' | 'span' | 'strong' | 'u' | 'ul';

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface RangeBounds {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface Violation {
  readonly condition: 'required' | 'constraint';
  readonly message: string | null;
}

export interface Language {
  readonly code: string;
  readonly name: string;
}

/** Where a page stands: in which rows of which repeats, outermost first. */
export interface Row {
  readonly id: string;
  readonly repeatId: string;
  readonly repeatLabel: string;
  readonly position: number;
  readonly of: number;
}

export interface SavedInterview {
  readonly xml: string;
  readonly files: readonly File[];
}
