/** What a server makes of `StreamText` with `servedText`, which the test of a render on a server holds true. */
export const servedMarkup =
  '<!--[--><!----><div class="answer" title="Said">&lt;Hello>\n&amp; welcome<!----></div><!----><!--]-->'
