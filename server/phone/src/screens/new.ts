// An interview that is just beginning has no id of its own yet; its address names the form instead.
import { shallowReactive } from 'vue';

export const NEW = 'moi-';

/** Under which "new" address each interview of this visit was begun: it is still the same screen. */
export const startedAs = shallowReactive(new Map<string, string>());
