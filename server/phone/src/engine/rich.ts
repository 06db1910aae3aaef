// Turns the engine's parsed labels into our own nodes; unknown markup and raw HTML become plain text.
import type { TextRange } from '@getodk/xforms-engine';
import type { RichNode, RichTag } from './types';

type EngineNode = ReturnType<() => TextRange<'label'>['formatted'][number]>;

const TAGS: Record<string, RichTag> = {
  a: 'a', em: 'em', li: 'li', ol: 'ol', p: 'p', span: 'span', strong: 'strong', u: 'u', ul: 'ul',
  div: 'p', h1: 'strong', h2: 'strong', h3: 'strong', h4: 'strong', h5: 'strong', h6: 'strong',
};

export function richNodes(nodes: readonly EngineNode[]): RichNode[] {
  return nodes.map(richNode);
}

function richNode(node: EngineNode): RichNode {
  switch (node.role) {
    case 'child':
      return { kind: 'text', text: node.value };
    case 'line-break':
      return { kind: 'break' };
    case 'html':
      return { kind: 'text', text: node.unsafeHtml.replace(/<[^>]*>/g, '') };
    default:
      return element(node);
  }
}

function element(node: Extract<EngineNode, { role: 'parent' }>): RichNode {
  const children = richNodes(node.children);
  const tag = TAGS[node.elementName] ?? 'span';
  const url = (node as { url?: string }).url;
  // Only telephone numbers and addresses that a person can read are worth a link on this phone.
  if (tag === 'a') {
    return url && /^(tel:|https:)/.test(url)
      ? { kind: 'element', tag, href: url, children }
      : { kind: 'element', tag: 'span', children };
  }
  return { kind: 'element', tag, children };
}
