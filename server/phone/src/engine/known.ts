// Rows for the children that are known: one each, as soon as the form asks for its members.
import type { AnyNode, RootNode } from '@getodk/xforms-engine';
import type { KnownPaths } from './known-paths';

/** Keeps a row in the form for every known child of the household that was chosen. */
export class KnownRows {
  constructor(
    private readonly root: RootNode,
    private readonly paths: KnownPaths,
    private readonly childrenOf: (householdId: string) => readonly string[],
  ) {}

  get householdId(): string {
    const node = this.paths.household && descendant(this.root, this.paths.household);
    return node ? valueOf(node) : '';
  }

  chooseHousehold(id: string): void {
    const node = this.paths.household && descendant(this.root, this.paths.household);
    if (node && node.nodeType === 'select') node.selectValue(id);
  }

  /** Adds what is missing; says whether it changed anything. */
  fill(): boolean {
    const path = this.paths.child;
    const range = path && rangeAbove(this.root, path);
    if (!range || !range.currentState.relevant) return false;
    const there = new Set(range.currentState.children.map((row: AnyNode) => chosen(row, path)));
    const missing = this.childrenOf(this.householdId).filter((id) => !there.has(id));
    for (const id of missing) this.row(range, id, path);
    return missing.length > 0;
  }

  isKnown(row: AnyNode): boolean {
    return this.paths.child !== null && chosen(row, this.paths.child) !== '';
  }

  private row(range: Range, id: string, path: string): void {
    const free = range.currentState.children.find(isEmpty);
    if (!free) range.addInstances();
    const row = free ?? range.currentState.children.at(-1);
    const node = row && descendant(row, path);
    if (node && node.nodeType === 'select') node.selectValue(id);
  }
}

type Range = Extract<AnyNode, { nodeType: 'repeat-range:uncontrolled' }>;

function rangeAbove(node: AnyNode, path: string): Range | null {
  for (const child of node.currentState.children ?? []) {
    const at = plain(child);
    if (!path.startsWith(`${at}/`)) continue;
    return child.nodeType === 'repeat-range:uncontrolled' ? child : rangeAbove(child, path);
  }
  return null;
}

function descendant(node: AnyNode, path: string): AnyNode | null {
  for (const child of node.currentState.children ?? []) {
    const at = plain(child);
    if (at === path) return child;
    const found = path.startsWith(`${at}/`) ? descendant(child, path) : null;
    if (found) return found;
  }
  return null;
}

function plain(node: AnyNode): string {
  return node.currentState.reference.replace(/\[\d+\]/g, '');
}

function chosen(row: AnyNode, path: string): string {
  const node = descendant(row, path);
  return node ? valueOf(node) : '';
}

function valueOf(node: AnyNode): string {
  return 'instanceValue' in node.currentState ? String(node.currentState.instanceValue) : '';
}

/** A row that nobody has answered anything in. */
function isEmpty(row: AnyNode): boolean {
  return (row.currentState.children ?? []).every((child: AnyNode) => {
    if (child.nodeType === 'model-value') return true;
    return child.currentState.children ? isEmpty(child) : valueOf(child) === '';
  });
}
