import type { Copy } from 'demo-shared/copy'
import { copies, type Language } from 'demo-shared/language'

interface HeadProps {
  readonly copy: Copy
  readonly language: Language
  readonly onChoose: (language: Language) => void
}

export function Head({ copy, language, onChoose }: HeadProps) {
  return (
    <header className="head">
      <h1 className="brand">
        <span className="icon icon-stream" aria-hidden="true" />
        {copy.title}
        <span className="tagline">{copy.tagline}</span>
      </h1>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form that is sent. */}
      <div className="languages" role="group" aria-label={copy.languageLabel}>
        {(Object.keys(copies) as Language[]).map((code) => (
          <button key={code} type="button" lang={code} aria-pressed={code === language} onClick={() => onChoose(code)}>
            {copies[code].name}
          </button>
        ))}
      </div>
    </header>
  )
}
