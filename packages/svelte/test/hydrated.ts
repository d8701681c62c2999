/** What a server makes of `Hydrated.svelte`, which the test of a render on a server holds true. */
export const rendered =
  '<!--[--><main class="idle"><!--ko6op0--><b>idle: </b><!----> <!--[-1--><i>Nothing yet</i><!--]--></main><!--]-->'
