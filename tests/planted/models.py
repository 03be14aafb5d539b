"""Errors of the architectures and their layers."""

from .errors import PlantedError, swap

FILES = ("resnet", "residual_blocks", "mobile_blocks", "vgg", "alexnet", "lenet")
RESNET, RESIDUAL, MOBILE, VGG, ALEXNET, LENET = (f"cnncourse/models/{name}.py" for name in FILES)
COUNTS = ("tests/test_architectures.py",)
OPTIONS = ("tests/test_model_options.py",)
GROUPED = ("tests/test_grouped_models.py",)
MOBILENETS = ("tests/test_keras_mobilenets.py",)
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
        RESIDUAL,
        swap('if stride_on == "1x1" else (1, stride)', 'if stride_on == "3x3" else (1, stride)'),
        (*COUNTS, *OPTIONS, "-k", "resnet50 or bottleneck_strides"),
        ("test_where_a_bottleneck_strides", r"test_layer_by_layer\[resnet50\]"),
    ),
    PlantedError(
        "models",
        "a plain network that adds its shortcuts after all",
        RESIDUAL,
        swap("    if residual:\n", "    if residual or stride == 1:\n"),
        OPTIONS,
        ("test_a_plain_net_is_the_residual_net_without_its_additions",),
    ),
    PlantedError(
        "models",
        "padding on one side of strided convolutions",
        RESIDUAL,
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
        "response normalisation over channels around the next one",
        "cnncourse/layers/normalization.py",
        swap("(abs(places[:, None] - places) <= self.n // 2)", "(abs(places[:, None] - places + 1) <= self.n // 2)"),
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
    PlantedError(
        "models",
        "the groups of a ResNeXt in the convolution before",
        RESIDUAL,
        swap(
            '1, stride=first, bias=bias, name=name, number=1)\n    y = layers.ReLU(name=f"{name}_relu1")(y)\n'
            "    y = conv_bn(y, inner, 3, stride=second, groups=cardinality,",
            "1, stride=first, groups=cardinality, bias=bias, name=name, number=1)\n"
            '    y = layers.ReLU(name=f"{name}_relu1")(y)\n    y = conv_bn(y, inner, 3, stride=second,',
        ),
        (*COUNTS, *GROUPED, "-k", "layer_by_layer and resnext or cardinality_and_group"),
        (r"test_layer_by_layer\[resnext50_32x4d\]", "test_cardinality_and_group_width_are_those_of_the_3x3"),
    ),
    PlantedError(
        "models",
        "groups of one width in all stages of a ResNeXt",
        RESNET,
        swap("group_width), width) * 2**stage", "group_width), width)"),
        (*COUNTS, "-k", "published_ones and resnext"),
        (r"test_counts_are_the_published_ones\[resnext50_32x4d\]",),
    ),
    PlantedError(
        "models",
        "a bottleneck of MobileNet v2 that is not linear",
        MOBILE,
        swap('relu=False, name=f"{name}_project"', 'name=f"{name}_project"'),
        (*GROUPED, "-k", "linear_maps"),
        ("test_an_inverted_bottleneck_puts_out_linear_maps",),
    ),
    PlantedError(
        "models",
        "filters of MobileNet v2 rounded to eights by more than a tenth",
        MOBILE,
        swap("return rounded + divisor if rounded < 0.9 * filters else rounded", "return rounded"),
        (*GROUPED, "-k", "second_mobilenet"),
        (r"test_width_of_the_second_mobilenet_rounds_to_eights_and_never_narrows_the_head\[0\.35\]",),
    ),
    PlantedError(
        "models",
        "zeros on the other side of a strided depthwise convolution",
        MOBILE,
        swap("ZeroPadding2D(((0, 1), (0, 1))", "ZeroPadding2D(((1, 0), (1, 0))"),
        (*MOBILENETS, "-k", "same_outputs and v1"),
        (r"test_the_same_outputs_as_keras_applications\[1\.0-True-size0-mobilenet_v1\]",),
    ),
    PlantedError(
        "models",
        "depthwise filters that start as if they read all channels",
        MOBILE,
        swap('VarianceScaling(2.0, mode="fan_out")', 'VarianceScaling(2.0, mode="fan_in")'),
        (*GROUPED, "-k", "right_size"),
        ("test_depthwise_filters_start_at_their_right_size",),
    ),
)
