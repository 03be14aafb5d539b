"""Errors of the architectures and their layers."""

from .errors import PlantedError, swap

RESNET, VGG, ALEXNET, LENET = (f"cnncourse/models/{name}.py" for name in ("resnet", "vgg", "alexnet", "lenet"))
COUNTS = ("tests/test_architectures.py",)
OPTIONS = ("tests/test_model_options.py",)
LAYERS = ("tests/test_layers.py",)

ERRORS = (
    PlantedError(
        "models",
        "a block too few in ResNet-101",
        RESNET,
        swap("(3, 4, 23, 3)", "(3, 4, 22, 3)"),
        (*COUNTS, "-k", "published_ones and resnet101"),
        (r"test_counts_are_the_published_ones\[resnet101",),
    ),
    PlantedError(
        "models",
        "the stride on the other convolution of a bottleneck",
        RESNET,
        swap('if stride_on == "1x1" else (1, stride)', 'if stride_on == "3x3" else (1, stride)'),
        (*COUNTS, *OPTIONS, "-k", "resnet50 or bottleneck_strides"),
        ("test_where_a_bottleneck_strides", r"test_layer_by_layer\[resnet50\]"),
    ),
    PlantedError(
        "models",
        "a plain network that adds its shortcuts after all",
        RESNET,
        swap("    if residual:\n", "    if residual or stride == 1:\n"),
        OPTIONS,
        ("test_a_plain_net_is_the_residual_net_without_its_additions",),
    ),
    PlantedError(
        "models",
        "padding on one side of strided convolutions",
        RESNET,
        swap(
            "        x = layers.ZeroPadding2D(kernel_size // 2,",
            "        x = layers.ZeroPadding2D(((0, kernel_size - 1),) * 2,",
        ),
        OPTIONS,
        ("test_strided_convolutions_pad_both_sides_alike",),
    ),
    PlantedError(
        "models",
        "a 3x3 where VGG's C has a 1x1",
        VGG,
        swap("((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1))", "((3, 3), (3, 3), (3, 3, 1), (3, 3, 3), (3, 3, 1))"),
        (*COUNTS, "-k", "published_ones and vgg16_1x1"),
        (r"test_counts_are_the_published_ones\[vgg16_1x1",),
    ),
    PlantedError(
        "models",
        "a third layer of AlexNet in two groups, too",
        ALEXNET,
        swap("(384, 3, False, False, False)", "(384, 3, True, False, False)"),
        (*COUNTS, *OPTIONS, "-k", "alexnet"),
        (r"test_layer_by_layer\[alexnet\]", "test_alexnet_in_two_towers"),
    ),
    PlantedError(
        "models",
        "one wrong connection of C3, of the same number of kernels",
        LENET,
        swap("(0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)", "(0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 4, 5)"),
        LAYERS,
        ("test_the_connections_are_those_of_the_paper",),
    ),
    PlantedError(
        "models",
        "the distances in place of the logits",
        LENET,
        swap('layers.Rescaling(-1, name="logits")', 'layers.Rescaling(1, name="logits")'),
        OPTIONS,
        ("test_lenet_of_1998_answers_with_minus_the_distance",),
    ),
    PlantedError(
        "models",
        "response normalisation over the channels behind only",
        "cnncourse/layers/normalization.py",
        swap("(0, 0), (reach, reach)))", "(0, 0), (2 * reach, 0)))"),
        LAYERS,
        ("test_local_response_normalisation_is_the_formula",),
    ),
    PlantedError(
        "models",
        "weights that a later network fills",
        "cnncourse/backend.py",
        swap('global_state.set_global_attribute("uninitialized_variables", waiting)', "pass"),
        OPTIONS,
        ("test_an_outline_has_no_numbers_and_leaves_nothing_behind",),
    ),
)
