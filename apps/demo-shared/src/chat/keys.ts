/** As much of a keyboard event as decides what it means. */
export interface Keystroke {
  readonly key: string
  readonly shiftKey: boolean
  readonly isComposing: boolean
  readonly keyCode: number
}

/**
 * Whether an input method is putting a character together, so that the key is for it and not for the page. Safari ends the
 * composition before it tells of the Enter that confirmed it; that Enter is known by its code, 229.
 */
const composes = ({ isComposing, keyCode }: Keystroke) => isComposing || keyCode === 229

export const sends = (stroke: Keystroke): boolean => stroke.key === 'Enter' && !stroke.shiftKey && !composes(stroke)

export const cancels = (stroke: Keystroke): boolean => stroke.key === 'Escape' && !composes(stroke)

/** Whether a key that was pressed anywhere stops the answer: where something else is open, Escape closes that. */
export const stops = (event: KeyboardEvent): boolean =>
  cancels(event) && !(event.target instanceof Element && event.target.closest('dialog, .edit'))
