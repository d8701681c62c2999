import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Answer } from './answer'

createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <Answer />
  </StrictMode>,
)
