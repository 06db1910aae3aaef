// What every control is given: its question, its id for the label, what describes it, and whether it is wrong.
import type { Question } from '../engine/question';

export interface ControlProps {
  readonly question: Question;
  readonly controlId: string;
  readonly described?: string | undefined;
  readonly invalid: boolean;
}
