"""What tests share, by what it is: servers, pages, stores, and the program itself."""
