"""HTTP: route tables as data, served by Falcon applications behind one Granian front."""
