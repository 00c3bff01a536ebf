// One module loads everything: an extension in a second script tag may come after htmx has started, and is then never seen.
import './htmx.esm.min.js'

document.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-copy]')
  if (!button) return
  await navigator.clipboard.writeText(button.dataset.copy)
})

document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input, textarea, select, [contenteditable]')
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
  const search = document.querySelector('#q')
  if (!search) return
  event.preventDefault()
  search.focus()
})

// Only one menu is open at a time (details name=…); Escape and a click elsewhere close it.
const menus = 'details.facet[open], details.menu[open]'
document.addEventListener('keydown', ({ key }) => {
  const open = key === 'Escape' && document.querySelector(menus)
  if (!open) return
  open.open = false
  open.querySelector('summary').focus()
})
document.addEventListener('click', ({ target }) => {
  for (const open of document.querySelectorAll(menus)) if (!open.contains(target)) open.open = false
})
