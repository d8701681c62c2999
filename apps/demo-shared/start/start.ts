import '../src/styles/base.css'
import '../src/styles/shell.css'
import './start.css'
import { copies, type Language, languages, readLanguage, rememberLanguage } from '../src/shell/language'
import { frameworkAddress, frameworkNames, frameworks, pages } from '../src/shell/route'
import { startWords } from './words'

type Child = Node | string

/** An element with attributes and children. */
function make(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElement {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

function show(language: Language): void {
  const copy = copies[language]
  const words = startWords[language]
  document.documentElement.lang = language
  document.title = `${copy.title} · ${copy.tagline}`

  const choices = languages.map((code) => {
    const pressed = String(code === language)
    const button = make('button', { type: 'button', lang: code, 'aria-pressed': pressed }, copies[code].name)
    button.addEventListener('click', () => {
      rememberLanguage(code)
      show(code)
      document.querySelector<HTMLElement>(`.languages [lang="${code}"]`)?.focus()
    })
    return button
  })
  const head = make(
    'header',
    { class: 'head' },
    make('span', { class: 'brand' }, make('span', { class: 'icon icon-stream', 'aria-hidden': 'true' }), copy.title),
    make('fieldset', { class: 'languages', 'aria-label': copy.languageLabel }, ...choices),
  )

  const cards = frameworkNames.map((framework) =>
    make(
      'li',
      { class: 'choice', 'data-framework': framework },
      make(
        'a',
        {
          class: 'choice-open',
          href: frameworkAddress(framework, 'chat'),
          'aria-label': words.open(frameworks[framework]),
        },
        make('strong', {}, frameworks[framework]),
        make('span', { 'aria-hidden': 'true' }, '→'),
      ),
      make(
        'ul',
        { class: 'choice-pages' },
        ...pages.map((page) => {
          const label = `${copy.pages[page]} (${frameworks[framework]})`
          return make(
            'li',
            {},
            make('a', { href: frameworkAddress(framework, page), 'aria-label': label }, copy.pages[page]),
          )
        }),
      ),
    ),
  )
  const tour = pages.flatMap((page) => [make('dt', {}, copy.pages[page]), make('dd', {}, words.what[page])])
  const main = make(
    'main',
    { class: 'start' },
    make('h1', {}, copy.tagline),
    make('p', { class: 'lead' }, words.lead),
    make('h2', {}, words.choose),
    make('ul', { class: 'choices' }, ...cards),
    make('p', { class: 'same' }, words.same),
    make(
      'div',
      { class: 'more' },
      make(
        'section',
        {},
        make('h2', {}, words.try),
        make('ol', { class: 'steps' }, ...words.steps.map((step) => make('li', {}, step))),
      ),
      make('dl', { class: 'tour' }, ...tour),
    ),
  )
  document.getElementById('root')!.replaceChildren(head, main)
}

show(readLanguage())
