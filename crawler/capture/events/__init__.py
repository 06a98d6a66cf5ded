"""What happens in a page: requests, answers, navigations, dialogs, as the browser tells them."""
