"""What happens to the answer when a picture changes in a way that has a name: concepts, pixels, regions."""
