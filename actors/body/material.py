"""What a Gaussian is made of; the shading differs by it."""

SKIN, LIP, SCLERA, IRIS, TOOTH, MOUTH, HAIR, CLOTH, CORNEA = range(9)
# IRIS has the pupil; MOUTH is tongue, gums and cheeks' insides; HAIR is every strand; CORNEA a thin clear shell.
NAMES = ("skin", "lip", "sclera", "iris", "tooth", "mouth", "hair", "cloth", "cornea")
