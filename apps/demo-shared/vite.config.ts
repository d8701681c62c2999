import { defineConfig } from 'vite'

// The start page; the demos that it leads to are apps of their own.
export default defineConfig({ root: 'start', build: { outDir: '../dist', emptyOutDir: true } })
