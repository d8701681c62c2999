import { type ShownText, streamTextContract } from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { StrictMode, version } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { StreamText } from './index'

const content = ({ text, as = 'div', attributes: { class: className, ...others } = {} }: ShownText) => (
  <StreamText text={text} as={as} {...(className !== undefined && { className })} {...others} />
)

function open(shown: ShownText, { strict = false, root }: { strict?: boolean; root?: HTMLElement } = {}) {
  const complaints: string[] = []
  const note = (...said: unknown[]) => void complaints.push(said.join(' '))
  const console = vi.spyOn(globalThis.console, 'error').mockImplementation(note)
  const { container, rerender, unmount } = render(content(shown), {
    reactStrictMode: strict,
    ...(root && { container: root, hydrate: true, onRecoverableError: note }),
  })
  return {
    root: container,
    complaints,
    update: (next: ShownText) => rerender(content(next)),
    unmount() {
      unmount()
      console.mockRestore()
    },
  }
}

for (const strict of [false, true]) {
  streamTextContract({
    name: `React ${version}${strict ? ', StrictMode' : ''}`,
    mount: (shown) => open(shown, { strict }),
    render: (shown) => renderToString(content(shown)),
    hydrate: (root, shown) => open(shown, { strict, root }),
  })
}

it('shows what it was given last when React has thrown renders away', () => {
  const { container, rerender } = render(<StreamText text="One" />)
  rerender(
    <StrictMode>
      <StreamText text="One two" />
    </StrictMode>,
  )
  expect(container.textContent).toBe('One two')
})
