import type { NextConfig } from 'next'

const config: NextConfig = {
  // The workspace checks types once, for all packages.
  typescript: { ignoreBuildErrors: true },
}

export default config
