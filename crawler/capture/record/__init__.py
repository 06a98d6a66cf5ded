"""What went over the wire during a capture: listened to, held in memory, written as WARC and HAR once somebody needs it."""
