/** What a model knows of one topic, as Markdown. */
export interface AnswerTopic {
  /** A question that has one of these, in small letters, is about this. */
  readonly words: readonly string[]
  /** How a model that thinks aloud comes to its answer. */
  readonly thought: string
  /** An answer in itself. */
  readonly brief: string
  /** What there is to add. */
  readonly detail: string
  /** What a model that calls tools puts into the calendar. */
  readonly event: { readonly title: string; readonly start: string; readonly minutes: number }
}

export interface AnswerLanguage {
  readonly topics: readonly AnswerTopic[]
  /** Where no topic fits. */
  readonly anything: AnswerTopic
  /** How a careful model ends. */
  readonly doubt: string
  readonly proposal: (title: string) => string
  /** Where the event was made before, as the conversation says. */
  readonly proposed: (title: string) => string
}
