"""The Chrome DevTools Protocol over the browser's own pipe."""
