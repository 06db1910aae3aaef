// What is wrong with an answer, in words: the form's own message first, ours where it has none.
import type { Question } from '../engine/question';
import type { Words } from '../words/vi';

export function problemText(question: Question, words: Words): string | null {
  const own = question.local.problem;
  if (own === 'not-number') return question.kind === 'decimal' ? words.question.notDecimal : words.question.notNumber;
  if (own === 'not-whole') return words.question.notWhole;
  if (own === 'not-date') return words.question.notDate;
  if (own === 'not-photo') return words.question.notPhoto;
  if (own === 'too-large') return words.question.tooLarge;
  const { violation } = question;
  if (!violation) return null;
  return violation.message || (violation.condition === 'required' ? words.interview.required : words.interview.constraint);
}
