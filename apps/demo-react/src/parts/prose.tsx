import { type Block, type Inline, readBlocks } from 'demo-shared/chat/blocks'
import { memo, useMemo } from 'react'

/**
 * Text as a model writes it. Blocks that did not change are not drawn again: of a long text only the last one grows, so
 * that a place in it is an identity.
 */
export function Prose({ text }: { readonly text: string }) {
  const blocks = useMemo(() => readBlocks(text), [text])
  return (
    <div className="prose">
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </div>
  )
}

const BlockView = memo(
  ({ block }: { readonly block: Block }) => {
    switch (block.type) {
      case 'paragraph':
        return <p>{inlines(block.inlines)}</p>
      case 'heading':
        return <h3>{inlines(block.inlines)}</h3>
      case 'code':
        return (
          <pre>
            <code>{block.text}</code>
          </pre>
        )
      case 'list': {
        const Tag = block.ordered ? 'ol' : 'ul'
        return (
          <Tag>
            {block.items.map((item, index) => (
              <li key={index}>{inlines(item)}</li>
            ))}
          </Tag>
        )
      }
    }
  },
  (before, after) => JSON.stringify(before.block) === JSON.stringify(after.block),
)

const tags = { code: 'code', strong: 'strong' } as const

function inlines(parts: readonly Inline[]) {
  return parts.map(({ type, text }, index) => {
    if (type === 'text') return text
    const Tag = tags[type]
    return <Tag key={index}>{text}</Tag>
  })
}
