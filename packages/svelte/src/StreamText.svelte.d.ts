// For compilers that read `stream-text.ts` and not the component: without it each of them would need Svelte's own types of
// `*.svelte`, which say nothing about the properties.
import type { Component } from 'svelte'

interface Properties {
  readonly text: string
  readonly as?: keyof HTMLElementTagNameMap
  element?: HTMLElement | undefined
}

declare const StreamText: Component<Properties, object, 'element'>
export default StreamText
