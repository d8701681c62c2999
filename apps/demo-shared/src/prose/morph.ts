/**
 * Makes the children of `element` those of `wanted`, keeping what is the same: a text that grows keeps its node, and with it
 * the selection of whoever reads. For what grows at its end; children are compared by their place.
 */
export function morph(element: Node, wanted: Node): void {
  let have = element.firstChild
  let want = wanted.firstChild
  while (want) {
    const next = want.nextSibling
    if (!have) element.appendChild(want)
    else {
      const after: ChildNode | null = have.nextSibling
      if (!become(have, want)) element.replaceChild(want, have)
      have = after
    }
    want = next
  }
  while (have) {
    const after: ChildNode | null = have.nextSibling
    have.remove()
    have = after
  }
}

/** Whether `node` could be made equal to `wanted`. */
function become(node: ChildNode, wanted: ChildNode): boolean {
  if (node.nodeName !== wanted.nodeName) return false
  if (node instanceof Text && wanted instanceof Text) {
    writeText(node, wanted.data)
    return true
  }
  if (!(node instanceof Element && wanted instanceof Element)) return false
  for (const { name } of [...node.attributes]) if (!wanted.hasAttribute(name)) node.removeAttribute(name)
  for (const { name, value } of wanted.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value)
  }
  morph(node, wanted)
  return true
}

/** Appends where it can, which moves no selection. */
export function writeText(node: Text, text: string): void {
  if (node.data === text) return
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length))
  else node.data = text
}
