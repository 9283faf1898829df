"""The seed's sections as generators, one module per business act; `registry` names them."""
