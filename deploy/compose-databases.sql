-- One database for each tier and province: nothing is shared between them.
CREATE DATABASE vsop_35;
CREATE DATABASE vsop_15;
CREATE DATABASE vsop_21;
