"""Record the network traffic of a capture in memory, and write it as WARC and HAR where it is wanted."""
