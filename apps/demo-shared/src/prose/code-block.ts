import { writeText } from './morph'

/** What the button of a block of code says. */
export interface CodeLabels {
  readonly copy: string
  readonly copied: string
}

/** Shows code in `element`, with what it is written in and a button that copies it. */
export interface CodeBlock {
  readonly update: (language: string, text: string) => void
  readonly relabel: (labels: CodeLabels) => void
  readonly leave: () => void
}

// Long enough to be read.
const thanks = 2_000

export function createCodeBlock(element: HTMLElement, given: CodeLabels): CodeBlock {
  const head = document.createElement('div')
  const name = document.createElement('span')
  const button = document.createElement('button')
  const icon = document.createElement('span')
  const frame = document.createElement('pre')
  const code = document.createElement('code')
  const text = document.createTextNode('')
  let labels = given
  let timer: ReturnType<typeof setTimeout> | undefined

  head.className = 'code-head'
  button.className = 'quiet'
  button.type = 'button'
  icon.ariaHidden = 'true'
  frame.tabIndex = 0 // What scrolls must be reachable by keyboard.
  button.append(icon)
  head.append(name, button)
  code.append(text)
  frame.append(code)
  element.replaceChildren(head, frame)
  element.className = 'code'

  function label(): void {
    const copied = timer !== undefined
    button.title = button.ariaLabel = copied ? labels.copied : labels.copy
    icon.className = copied ? 'icon icon-check' : 'icon icon-copy'
  }

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text.data)
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      label()
    }, thanks)
    label()
  }

  button.addEventListener('click', copy)
  label()
  return {
    update(language, content) {
      if (name.textContent !== language) name.textContent = language
      writeText(text, content)
    },
    relabel(later) {
      labels = later
      label()
    },
    leave() {
      clearTimeout(timer)
      button.removeEventListener('click', copy)
    },
  }
}
