// An interview that is just beginning has no id of its own yet; its address names the form instead.
import { shallowReactive } from 'vue';

export const NEW = 'moi-';

/** The household of the last round that a new interview begins with follows the form after a line break. */
export function newId(formKey: string, householdId = ''): string {
  return `${NEW}${formKey}${householdId ? `\n${householdId}` : ''}`;
}

export function newParts(id: string): { formKey: string; householdId: string } {
  const [formKey = '', householdId = ''] = id.slice(NEW.length).split('\n');
  return { formKey, householdId };
}

/** Under which "new" address each interview of this visit was begun: it is still the same screen. */
export const startedAs = shallowReactive(new Map<string, string>());
