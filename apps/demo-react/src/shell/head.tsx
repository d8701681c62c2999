import type { Copy } from 'demo-shared/copy/copy'
import { copies, type Language, languages } from 'demo-shared/shell/language'
import {
  type Framework,
  frameworkAddress,
  frameworkNames,
  frameworks,
  type Page,
  pageAddress,
  pages,
} from 'demo-shared/shell/route'

interface HeadProps {
  readonly copy: Copy
  readonly framework: Framework
  readonly page: Page
  readonly language: Language
  readonly onChoose: (language: Language) => void
}

export function Head({ copy, framework, page, language, onChoose }: HeadProps) {
  return (
    <header className="head">
      <a className="brand" href="/" title={copy.start}>
        <span className="icon icon-stream" aria-hidden="true" />
        <span className="brand-name">{copy.title}</span>
        <span className="unseen">{copy.start}</span>
      </a>
      <nav className="pages" aria-label={copy.pagesLabel}>
        <ul>
          {pages.map((each) => (
            <li key={each}>
              <a href={pageAddress(each)} aria-current={each === page ? 'page' : undefined}>
                {copy.pages[each]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <nav className="frameworks" aria-label={copy.frameworksLabel}>
        <ul>
          {frameworkNames.map((each) => (
            <li key={each}>
              <a href={frameworkAddress(each, page)} aria-current={each === framework ? 'true' : undefined}>
                {frameworks[each]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <fieldset className="languages" aria-label={copy.languageLabel}>
        {languages.map((code) => (
          <button
            key={code}
            type="button"
            lang={code}
            title={copies[code].name}
            aria-pressed={code === language}
            onClick={() => onChoose(code)}
          >
            <span className="long">{copies[code].name}</span>
            <span className="short">{copies[code].shortName}</span>
          </button>
        ))}
      </fieldset>
    </header>
  )
}
