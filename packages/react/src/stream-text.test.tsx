import { type ShownText, streamTextContract } from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { createRef, type Ref, StrictMode, useLayoutEffect, version } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { StreamText } from './index'

type Reaches = Ref<HTMLElement>

const content = ({ text, as, attributes: { class: className, ...others } = {} }: ShownText, ref?: Reaches) => (
  <StreamText ref={ref} text={text} as={as ?? 'div'} {...(className !== undefined && { className })} {...others} />
)

function open(shown: ShownText, { strict = false, root }: { strict?: boolean; root?: HTMLElement } = {}) {
  const complaints: string[] = []
  const note = (...said: unknown[]) => void complaints.push(said.join(' '))
  const console = vi.spyOn(globalThis.console, 'error').mockImplementation(note)
  const ref = createRef<HTMLElement>()
  const { container, rerender, unmount } = render(content(shown, ref), {
    reactStrictMode: strict,
    ...(root && { container: root, hydrate: true, onRecoverableError: note }),
  })
  return {
    root: container,
    reached: () => ref.current,
    complaints,
    update: (next: ShownText) => rerender(content(next, ref)),
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

function Reaching({ as, reach, effect }: { as: 'div' | 'p'; reach: Reaches; effect: () => void }) {
  useLayoutEffect(effect)
  return <StreamText ref={reach} text="One" as={as} />
}

it('a function that is its `ref` has the element before the effects of whoever gave it, and is told when that goes', () => {
  const told: string[] = []
  const ref = (element: HTMLElement | null) => void told.push(element ? element.localName : 'gone')
  const page = (as: 'div' | 'p') => <Reaching as={as} reach={ref} effect={() => void told.push('effect')} />
  const { rerender, unmount } = render(page('div'))
  expect(told.splice(0)).toEqual(['div', 'effect'])
  rerender(page('p'))
  expect(told.splice(0)).toEqual(['gone', 'p', 'effect'])
  unmount()
  expect(told).toEqual(['gone'])
})
