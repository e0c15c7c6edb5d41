import { type Alias, type Document, type Node, visit } from 'yaml'

/** What each alias stands for: the anchor of its name that is the last one before it. */
export function targetsIn(document: Document): Map<Alias, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  visit(document, {
    Alias(_, alias) {
      const target = anchors.get(alias.source)
      if (target) targets.set(alias, target)
    },
    Value(_, node) {
      if (node.anchor) anchors.set(node.anchor, node)
    },
  })
  return targets
}
