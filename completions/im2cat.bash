# bash completion for im2cat, as `im2cat help --bash` prints it.
_im2cat()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} words=
    COMPREPLY=()
    # bash makes three words of --name=value
    if [[ $word == '=' ]]; then
        word=
    elif [[ $before == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $COMP_CWORD:$command:$before in
    1:*) words='help train find-lr eval predict toy-pets check-data summary bench dump compare convert --help --version' ;;
    2:help:*) words=' train find-lr eval predict toy-pets check-data summary bench dump compare convert' ;;
    *:train:--data) words='' ;;
    *:train:--labels) words='species breed folder' ;;
    *:train:--arch) words='resnet18 resnet34 resnet50 resnet101 resnet152' ;;
    *:train:--head) words='fastai plain' ;;
    *:train:--pretrained) words='' ;;
    *:train:--recipe) words='fine-tune one-cycle' ;;
    *:train:--epochs) words='' ;;
    *:train:--freeze-epochs) words='' ;;
    *:train:--freeze) words='weights bn' ;;
    *:train:--patience) words='' ;;
    *:train:--lr) words='' ;;
    *:train:--batch) words='' ;;
    *:train:--micro-batch) words='' ;;
    *:train:--size) words='' ;;
    *:train:--resize) words='crop pad squish' ;;
    *:train:--augment) words='none flip fastai' ;;
    *:train:--presize) words='' ;;
    *:train:--decode) words='exact fast' ;;
    *:train:--valid-pct) words='' ;;
    *:train:--split) words='random official' ;;
    *:train:--seed) words='' ;;
    *:train:--bad-images) words='fail skip' ;;
    *:train:--optimizer) words='adam sgd' ;;
    *:train:--weight-decay) words='' ;;
    *:train:--label-smoothing) words='' ;;
    *:train:--ema) words='' ;;
    *:train:--clip-norm) words='' ;;
    *:train:--mixup) words='' ;;
    *:train:--conv) words='auto im2col direct winograd cudnn' ;;
    *:train:--device) words='cpu cuda' ;;
    *:train:--precision) words='fp32 tf32 bf16' ;;
    *:train:--threads) words='' ;;
    *:train:--workers) words='' ;;
    *:train:--out) words='' ;;
    *:train:--max-steps) words='' ;;
    *:train:--checkpoint-every) words='' ;;
    *:train:--job) words='' ;;
    *:train:--distributed) words='none local mpi' ;;
    *:train:--ranks) words='' ;;
    *:train:--comm-timeout) words='' ;;
    *:find-lr:--data) words='' ;;
    *:find-lr:--labels) words='species breed folder' ;;
    *:find-lr:--arch) words='resnet18 resnet34 resnet50 resnet101 resnet152' ;;
    *:find-lr:--head) words='fastai plain' ;;
    *:find-lr:--pretrained) words='' ;;
    *:find-lr:--recipe) words='fine-tune one-cycle' ;;
    *:find-lr:--freeze-epochs) words='' ;;
    *:find-lr:--freeze) words='weights bn' ;;
    *:find-lr:--batch) words='' ;;
    *:find-lr:--micro-batch) words='' ;;
    *:find-lr:--size) words='' ;;
    *:find-lr:--resize) words='crop pad squish' ;;
    *:find-lr:--augment) words='none flip fastai' ;;
    *:find-lr:--presize) words='' ;;
    *:find-lr:--decode) words='exact fast' ;;
    *:find-lr:--valid-pct) words='' ;;
    *:find-lr:--split) words='random official' ;;
    *:find-lr:--seed) words='' ;;
    *:find-lr:--bad-images) words='fail skip' ;;
    *:find-lr:--optimizer) words='adam sgd' ;;
    *:find-lr:--weight-decay) words='' ;;
    *:find-lr:--label-smoothing) words='' ;;
    *:find-lr:--clip-norm) words='' ;;
    *:find-lr:--mixup) words='' ;;
    *:find-lr:--conv) words='auto im2col direct winograd cudnn' ;;
    *:find-lr:--device) words='cpu cuda' ;;
    *:find-lr:--precision) words='fp32 tf32 bf16' ;;
    *:find-lr:--threads) words='' ;;
    *:find-lr:--workers) words='' ;;
    *:find-lr:--steps) words='' ;;
    *:find-lr:--out) words='' ;;
    *:find-lr:--job) words='' ;;
    *:eval:--model) words='' ;;
    *:eval:--arch) words='resnet18 resnet34 resnet50 resnet101 resnet152' ;;
    *:eval:--head) words='fastai plain' ;;
    *:eval:--size) words='' ;;
    *:eval:--device) words='cpu cuda' ;;
    *:eval:--conv) words='auto im2col direct winograd cudnn' ;;
    *:eval:--precision) words='fp32 tf32 bf16' ;;
    *:eval:--threads) words='' ;;
    *:eval:--data) words='' ;;
    *:eval:--split) words='all official' ;;
    *:eval:--labels) words='species breed folder' ;;
    *:eval:--bad-images) words='fail skip' ;;
    *:eval:--seed) words='' ;;
    *:eval:--report) words='' ;;
    *:eval:--decode) words='exact fast' ;;
    *:eval:--batch) words='' ;;
    *:eval:--workers) words='' ;;
    *:predict:--model) words='' ;;
    *:predict:--arch) words='resnet18 resnet34 resnet50 resnet101 resnet152' ;;
    *:predict:--head) words='fastai plain' ;;
    *:predict:--size) words='' ;;
    *:predict:--device) words='cpu cuda' ;;
    *:predict:--conv) words='auto im2col direct winograd cudnn' ;;
    *:predict:--precision) words='fp32 tf32 bf16' ;;
    *:predict:--threads) words='' ;;
    *:predict:--top) words='' ;;
    *:predict:--decode) words='exact fast' ;;
    *:predict:--batch) words='' ;;
    *:predict:--workers) words='' ;;
    *:toy-pets:--count) words='' ;;
    *:toy-pets:--size) words='' ;;
    *:toy-pets:--seed) words='' ;;
    *:check-data:--workers) words='' ;;
    *:summary:--arch) words='resnet18 resnet34 resnet50 resnet101 resnet152' ;;
    *:summary:--head) words='fastai plain' ;;
    *:summary:--classes) words='' ;;
    *:summary:--size) words='' ;;
    *:summary:--batch) words='' ;;
    *:summary:--micro-batch) words='' ;;
    *:summary:--ranks) words='' ;;
    *:summary:--ema) words='' ;;
    *:summary:--device) words='cpu cuda' ;;
    *:summary:--conv) words='auto im2col direct winograd cudnn' ;;
    *:summary:--precision) words='fp32 tf32 bf16' ;;
    *:bench:--arch) words='resnet18 resnet34 resnet50 resnet101 resnet152' ;;
    *:bench:--head) words='fastai plain' ;;
    *:bench:--batch) words='' ;;
    *:bench:--size) words='' ;;
    *:bench:--mode) words='all train frozen infer' ;;
    *:bench:--steps) words='' ;;
    *:bench:--micro-batch) words='' ;;
    *:bench:--device) words='cpu cuda' ;;
    *:bench:--conv) words='auto im2col direct winograd cudnn' ;;
    *:bench:--precision) words='fp32 tf32 bf16' ;;
    *:bench:--threads) words='' ;;
    *:bench:--distributed) words='none local mpi' ;;
    *:bench:--ranks) words='' ;;
    *:bench:--comm-timeout) words='' ;;
    *:dump:--model) words='' ;;
    *:dump:--arch) words='resnet18 resnet34 resnet50 resnet101 resnet152' ;;
    *:dump:--head) words='fastai plain' ;;
    *:dump:--classes) words='' ;;
    *:dump:--size) words='' ;;
    *:dump:--data) words='' ;;
    *:dump:--labels) words='species breed folder' ;;
    *:dump:--mode) words='train eval' ;;
    *:dump:--batch) words='' ;;
    *:dump:--seed) words='' ;;
    *:dump:--device) words='cpu cuda' ;;
    *:dump:--conv) words='auto im2col direct winograd cudnn' ;;
    *:dump:--precision) words='fp32 tf32 bf16' ;;
    *:dump:--threads) words='' ;;
    *:compare:--tolerance) words='' ;;
    *:convert:--arch) words='resnet18 resnet34 resnet50 resnet101 resnet152' ;;
    *:convert:--head) words='fastai plain' ;;
    *:convert:--size) words='' ;;
    *:convert:--input) words='uint8 float' ;;
    *:train:*) [[ $word == -* ]] && words='--help --data --labels --arch --head --pretrained --recipe --epochs --freeze-epochs --freeze --patience --lr --batch --micro-batch --size --resize --augment --presize --decode --valid-pct --split --seed --bad-images --optimizer --weight-decay --label-smoothing --ema --clip-norm --mixup --conv --device --precision --threads --workers --out --resume --max-steps --checkpoint-every --job --quiet --distributed --ranks --comm-timeout --allow-mixed' ;;
    *:find-lr:*) [[ $word == -* ]] && words='--help --data --labels --arch --head --pretrained --recipe --freeze-epochs --freeze --batch --micro-batch --size --resize --augment --presize --decode --valid-pct --split --seed --bad-images --optimizer --weight-decay --label-smoothing --clip-norm --mixup --conv --device --precision --threads --workers --steps --out --job' ;;
    *:eval:*) [[ $word == -* ]] && words='--help --model --arch --head --size --device --conv --precision --threads --data --split --labels --bad-images --tta --seed --report --decode --batch --workers' ;;
    *:predict:*) [[ $word == -* ]] && words='--help --model --arch --head --size --device --conv --precision --threads --top --logits --json --decode --batch --workers' ;;
    *:toy-pets:*) [[ $word == -* ]] && words='--help --count --size --seed' ;;
    *:check-data:*) [[ $word == -* ]] && words='--help --workers' ;;
    *:summary:*) [[ $word == -* ]] && words='--help --arch --head --classes --size --batch --micro-batch --ranks --ema --device --conv --precision' ;;
    *:bench:*) [[ $word == -* ]] && words='--help --arch --head --batch --size --mode --steps --layers --micro-batch --device --conv --precision --threads --distributed --ranks --comm-timeout' ;;
    *:dump:*) [[ $word == -* ]] && words='--help --model --arch --head --classes --size --data --labels --mode --batch --seed --device --conv --precision --threads' ;;
    *:compare:*) [[ $word == -* ]] && words='--help --tolerance --quiet' ;;
    *:convert:*) [[ $word == -* ]] && words='--help --arch --head --size --input' ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _im2cat im2cat
