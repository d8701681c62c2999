/** What a language has to say about how streaming answers survive the network. */
export interface Language {
  readonly openings: readonly string[]
  readonly topics: readonly Topic[]
  readonly closings: readonly string[]
}

export interface Topic {
  /** A prompt that has one of these words gets this topic. */
  readonly words: readonly string[]
  readonly paragraphs: readonly string[]
}
