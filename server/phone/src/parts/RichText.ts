// Draws a form's label from safe nodes; nothing from a form ever reaches innerHTML.
import { defineComponent, h } from 'vue';
import type { PropType, VNodeChild } from 'vue';
import type { RichNode } from '../engine/types';

export default defineComponent({
  name: 'RichText',
  props: { nodes: { type: Array as PropType<readonly RichNode[]>, required: true } },
  setup(props) {
    return () => props.nodes.map(draw);
  },
});

function draw(node: RichNode): VNodeChild {
  if (node.kind === 'text') return node.text;
  if (node.kind === 'break') return h('br');
  const attributes = node.href ? { href: node.href, rel: 'noopener' } : {};
  return h(node.tag === 'p' ? 'span' : node.tag, { ...attributes, class: node.tag === 'p' ? 'para' : undefined }, node.children.map(draw));
}
