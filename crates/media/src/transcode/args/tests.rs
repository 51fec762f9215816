use super::*;

const PICTURE: Picture = Picture {
    format: "matroska",
    timescale: 1_000_000,
    span_ns: (9_999_000_000, Some(14_003_166_000)),
    is_interlaced: false,
    rotation: 0,
    size: (1280, 720),
    burnt: None,
    script: None,
    tone_map: None,
    encoder: Encoder::Software(Effort::Veryfast),
    render_node: 128,
    level: 31,
    peak_bps: 4_000_000,
    key_every: 96,
};

fn line(args: &[OsString]) -> String {
    args.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[test]
fn sound_is_made_with_these_words() {
    let call = Sound {
        format: "mov",
        rate: 48_000,
        is_surround: false,
        bps: 192_000,
        first_sample: 475_904,
        n_samples: 200_704,
    };
    let surround = line(&sound(Sound { is_surround: true, bps: 384_000, ..call }));
    assert!(surround.contains("osf=fltp:ochl=5.1,aresample=async=1"), "{surround}");
    assert!(surround.contains("-b:a 384000"), "{surround}");
    assert_eq!(
        line(&sound(call)),
        "-v error -nostdin -copyts -noautorotate -max_error_rate 1 -protocol_whitelist pipe -f mov -i pipe:0 -map 0:0 -vn -af \
         asidedata=mode=delete:type=DOWNMIX_INFO,aresample=48000:osf=fltp:ochl=stereo:clev=1.18:slev=0.7:lfe_mix_level=0:rmvol=0.6,\
         aresample=async=1:min_comp=0.000001:first_pts=475904,apad=whole_len=200704,atrim=end_sample=200704 \
         -c:a aac -profile:a aac_low -b:a 192000 -sn -dn -map_metadata -1 -map_chapters -1 \
         -f mp4 -movflags +empty_moov+default_base_moof pipe:1"
    );
}

#[test]
fn pictures_are_made_with_these_words() {
    assert_eq!(
        line(&picture(PICTURE, &[10_999_000_000, 11_999_500_000])),
        "-v error -nostdin -copyts -noautorotate -max_error_rate 1 -protocol_whitelist pipe -f matroska -i pipe:0 -map 0:0 -an -vf \
         trim=start=9.999000:end=14.003166,scale=1280:720,setsar=1,format=yuv420p \
         -fps_mode passthrough -enc_time_base 1/1000000 -c:v libx264 -preset veryfast -profile:v high -level 3.1 -crf 21 \
         -maxrate 4000000 -bufsize 8000000 -bf 0 -g 96 -x264-params 8x8dct=1 \
         -force_key_frames 10.999000,11.999500 -avoid_negative_ts disabled -flush_packets 1 \
         -sn -dn -map_metadata -1 -map_chapters -1 \
         -f mp4 -movflags +empty_moov+default_base_moof+frag_keyframe+frag_discont pipe:1"
    );
}

#[test]
fn a_graphics_card_is_opened_before_the_input() {
    let call = Picture { tone_map: Some(ToneMap::Libplacebo), ..PICTURE };
    let words = line(&picture(call, &[]));
    let start = "-init_hw_device vulkan=graphics -filter_hw_device graphics -v error";
    assert!(words.starts_with(start), "{words}");
}

#[test]
fn a_script_is_drawn_on_the_picture_as_it_is_shown_at_the_film_s_own_times() {
    let script = Script { bytes: 600_000, shift_us: -9_999_500, size: (1920, 800) };
    let call = Picture { script: Some(script), size: (1280, 532), ..PICTURE };
    let words = line(&picture(call, &[]));
    assert!(
        words.contains(
            " -map 0:0 -an -vf trim=start=9.999000:end=14.003166,scale=1280:532,setsar=1,format=yuv420p,\
             setpts=PTS+round((-9.999500)/TB),ass=filename=/proc/self/fd/40:original_size=1920x800,\
             setpts=PTS-round((-9.999500)/TB),format=yuv420p -fps_mode"
        ),
        "{words}"
    );
    let later = Script { shift_us: 3_600_000_500, ..script };
    let words = line(&picture(Picture { script: Some(later), ..call }, &[]));
    assert!(words.contains("setpts=PTS+round((3600.000500)/TB)"), "{words}");
}

#[test]
fn subtitles_are_painted_over_the_picture_as_it_is_shown() {
    let place = Place { canvas: (1920, 1080), size: (1280, 720), at: (0, -94) };
    let call = Picture { burnt: Some(place), size: (1280, 532), ..PICTURE };
    let words = line(&picture(call, &[]));
    assert!(
        words.contains(
            "-canvas_size 1920x1080 -v error -nostdin -copyts -noautorotate -max_error_rate 1 -protocol_whitelist pipe -f matroska -i pipe:0 -an -filter_complex \
             [0:0]trim=start=9.999000,scale=1280:532,setsar=1,format=yuv420p[film];\
             [0:1]scale=1280:720[text];[film][text]overlay=0:-94,trim=end=14.003166,format=yuv420p -fps_mode"
        ),
        "{words}"
    );
}

#[test]
fn every_encoder_of_hardware_has_words_of_its_own() {
    let input = "-v error -nostdin -copyts -noautorotate -max_error_rate 1 -protocol_whitelist pipe -f matroska -i pipe:0 -map 0:0 \
                 -an -vf trim=start=9.999000:end=14.003166,scale=1280:720,setsar=1,";
    let rates = "-b:v 2000000 -maxrate 4000000 -bufsize 8000000 -bf 0 -g 96 -force_key_frames 10.999000 \
                 -avoid_negative_ts disabled -flush_packets 1";
    let output = "-sn -dn -map_metadata -1 -map_chapters -1 -f mp4";
    let table = [
        (
            Hardware::Nvenc,
            "",
            "format=nv12",
            "h264_nvenc -profile:v high -level 31 -preset p4 -rc vbr -delay 0 -forced-idr 1 -no-scenecut 1",
            "+empty_moov",
        ),
        (
            Hardware::Qsv,
            "-qsv_device /dev/dri/renderD128 ",
            "format=nv12",
            "h264_qsv -profile:v high -level 31 -preset veryfast -async_depth 2 -look_ahead 0 -forced_idr 1",
            "+empty_moov",
        ),
        (
            Hardware::Vaapi,
            "-vaapi_device /dev/dri/renderD128 ",
            "format=nv12,hwupload",
            "h264_vaapi -profile:v high -level 31 -async_depth 2",
            "+empty_moov",
        ),
        (
            Hardware::Amf,
            "",
            "format=nv12",
            "h264_amf -profile:v high -level 31 -usage transcoding -quality balanced -rc vbr_peak -forced_idr 1",
            "+empty_moov",
        ),
        (
            Hardware::V4l2,
            "",
            "format=yuv420p",
            "h264_v4l2m2m -profile:v high -level 31 -num_capture_buffers 16",
            "-use_editlist 0 +delay_moov",
        ),
    ];
    for (hardware, opening, format, words, beginning) in table {
        let (edits, beginning) = match beginning.rsplit_once(' ') {
            Some((edits, beginning)) => (format!(" {edits}"), beginning),
            None => (String::new(), beginning),
        };
        let call = Picture { encoder: Encoder::Hardware(hardware), ..PICTURE };
        assert_eq!(
            line(&picture(call, &[10_999_000_000])),
            format!(
                "{opening}{input}{format} -fps_mode passthrough -enc_time_base 1/1000000 -c:v {words} {rates}{edits} {output} \
                 -movflags {beginning}+default_base_moof+frag_keyframe+frag_discont pipe:1"
            )
        );
    }
}

#[test]
fn what_a_picture_needs_comes_in_the_order_that_costs_least() {
    let last = (0, None);
    let table = [
        (
            Picture { is_interlaced: true, ..PICTURE },
            "bwdif=mode=send_frame:deint=interlaced,trim=start=9.999000:end=14.003166,scale=1280:720,setsar=1,\
             format=yuv420p"
                .to_owned(),
        ),
        (
            Picture { span_ns: last, rotation: 90, ..PICTURE },
            "trim=start=0.000000,transpose=clock,scale=1280:720,setsar=1,format=yuv420p".to_owned(),
        ),
        (
            Picture { span_ns: last, tone_map: Some(ToneMap::Zscale), ..PICTURE },
            format!("trim=start=0.000000,scale=1280:720,setsar=1,{TONE_MAP},format=yuv420p"),
        ),
        (
            Picture { span_ns: last, tone_map: Some(ToneMap::Libplacebo), ..PICTURE },
            "trim=start=0.000000,format=yuv420p10le,hwupload,libplacebo=w=1280:h=720:format=yuv420p:\
             colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv,hwdownload,format=yuv420p,setsar=1,\
             format=yuv420p"
                .to_owned(),
        ),
    ];
    for (call, expected) in table {
        assert_eq!(filters(call), expected);
    }
}
