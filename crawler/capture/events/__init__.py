"""Events of a page as the browser tells them: requests, answers, navigations, dialogs."""
