// What the functions need of Svelte 5, in one place: the entry for Svelte 4 is built with `reactivity-4` instead.
export { untrack } from 'svelte'
export { createSubscriber } from 'svelte/reactivity'
export { toStore } from 'svelte/store'
