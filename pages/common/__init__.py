"""What every page shares: opening and closing a page, the URL, sliders, long work, what a visit keeps."""
