// Which questions of a form say whose household or child it is: the form declares it, the app knows no question names.

/** Where the answers stand that choose a known household and a known child; null where the form does not ask. */
export interface KnownPaths {
  readonly household: string | null;
  readonly child: string | null;
}

export function knownPaths(xml: string): KnownPaths {
  return { household: pathOf(xml, 'household.known'), child: pathOf(xml, 'child.known') };
}

function pathOf(xml: string, fact: string): string | null {
  const bind = (xml.match(/<bind\s[^>]*>/g) ?? []).find((tag) => factsOf(tag).includes(fact));
  return (bind && /\snodeset="([^"]+)"/.exec(bind)?.[1]) ?? null;
}

function factsOf(bind: string): string[] {
  return (/\s[\w-]+:fact="([^"]*)"/.exec(bind)?.[1] ?? '').split(' ');
}
