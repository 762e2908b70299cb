# The one library that others link, static or shared, made of all modules.
