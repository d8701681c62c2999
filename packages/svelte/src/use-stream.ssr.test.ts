import { serverRenderContract } from '@keepstream/testing/contracts'
import { VERSION } from 'svelte/compiler'
import { render } from 'svelte/server'
import GetterAnswer from '../test/GetterAnswer.svelte'
import Page from '../test/Page.svelte'
import StoreAnswer from '../test/StoreAnswer.svelte'
import { stream } from '../test/shows'

for (const [dialect, Answer] of Object.entries({ 'with runes': GetterAnswer, 'as a store': StoreAnswer })) {
  serverRenderContract(
    `Svelte ${VERSION}, ${dialect}`,
    (components) => render(Page, { props: { Answer, shows: stream, components } as never }).body,
  )
}
