import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/svelte/',
  plugins: [svelte({ configFile: false })],
  // `vite` alone serves the page while it is worked on; a demo server beside it answers.
  server: { proxy: { '/api': 'http://127.0.0.1:3000', '/lab': 'http://127.0.0.1:3000' } },
})
