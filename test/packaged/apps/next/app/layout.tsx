import { KeepstreamProvider } from '@keepstream/react'
import type { ReactNode } from 'react'

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <link rel="icon" href="data:," />
      </head>
      <body>
        <KeepstreamProvider defaults={{ linger: 1_000 }}>{children}</KeepstreamProvider>
      </body>
    </html>
  )
}
