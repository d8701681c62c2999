import type { ChatCopy } from 'demo-shared/copy/chat'

interface WelcomeProps {
  readonly copy: ChatCopy
  readonly onAsk: (question: string) => void
}

export function Welcome({ copy: { welcome }, onAsk }: WelcomeProps) {
  return (
    <section className="welcome">
      <h2>{welcome.heading}</h2>
      <p>{welcome.lead}</p>
      <ul className="suggestions" aria-label={welcome.suggestionsLabel}>
        {welcome.suggestions.map((suggestion) => (
          <li key={suggestion}>
            <button type="button" onClick={() => onAsk(suggestion)}>
              {suggestion}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
